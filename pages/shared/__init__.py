"""What the pages have in common: pickers, cached answers, figures, tables, and errors as sentences."""
