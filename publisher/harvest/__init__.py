"""Harvest protocols without HTTP's doors: what we fetch from other libraries, and what we hand out to them."""
