"""Result pages: labels and furniture, and the Records between them."""

from publisher.readers.result_page.page import read, recognises

__all__ = ["read", "recognises"]
