"""Dublin Core as other libraries hand it out."""
