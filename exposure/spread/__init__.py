"""A day’s observed moves spread to names without a price."""
