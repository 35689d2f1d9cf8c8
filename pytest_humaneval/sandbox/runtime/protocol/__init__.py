"""The protocol between the trusted and the untrusted side: framing of messages, and the values in them."""
