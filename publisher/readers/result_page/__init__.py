"""Result pages: labels and furniture, and the Records between them."""

from publisher.readers.result_page.page import content, read, recognises

__all__ = ["content", "read", "recognises"]
