"""JSON: Records one a line, and the data.json of public bodies."""
