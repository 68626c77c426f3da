"""The doors: search page, API, SPARQL endpoint, linked data, widget. They turn input into one call, and no more."""
