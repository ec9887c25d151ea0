"""HTTP: the REST API, the pages and the errors in the shape of RFC 9457."""
