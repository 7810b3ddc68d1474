"""The console: for staff, in the browser, server-rendered, without content from other hosts."""
