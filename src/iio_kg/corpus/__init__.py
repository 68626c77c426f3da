"""From files to cited passages: reading, cleaning with a map back to the source, segmenting."""
