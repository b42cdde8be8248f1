"""The Content Security Policy of the pages (CSP 3)."""

# no script, style or image from elsewhere; the style sheet is a file of ours
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
