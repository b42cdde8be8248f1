"""Text: the bytes of a file in whatever encoding become text, lines, or XML that a parser takes."""
