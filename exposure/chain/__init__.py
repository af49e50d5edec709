"""The value chain: a snapshot becomes a book, split by segment."""

from exposure.chain.book import to_book
from exposure.chain.measure import measure
from exposure.chain.scheme import FINEST, SUB_SEGMENTS, TOP, name_of, segment_ids, top

__all__ = ["FINEST", "SUB_SEGMENTS", "TOP", "measure", "name_of", "segment_ids", "to_book", "top"]
