"""Files of any kind to rows of text and typed cells: encodings, dialects, workbooks, markup, numbers, dates."""
