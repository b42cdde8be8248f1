"""`python -m publisher` is the same program as `publisher`."""

from publisher.cli import main

main()
