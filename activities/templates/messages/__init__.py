"""The messages: NAME.email.html with NAME.email.txt, and NAME.sms.txt. Adding a message is adding its files.

An email extends `_layout.email.html` and fills the blocks `subject` (up to 45 characters), `preheader`
(up to 75), `title` and `content`, with the parts of `_macros.html`, there as `ui`. Its text part extends
`_layout.email.txt`, a text message `_layout.sms.txt`; both fill `content`. A message is marketing unless
it says `{% set message_class = "service" %}`. Values that a customer typed go through `|isolate`, or
`|isolate_plain` in a subject; dates and numbers are worded by the filters of `wording.py`.
"""
