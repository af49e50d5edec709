"""The version of the package, here alone: the changelog names it, and a test holds the two together."""

VERSION = "0.1.0"
