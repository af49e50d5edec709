"""Daily prices and exchange rates: their files, series, market, calendars, and what is doubtful about them."""
