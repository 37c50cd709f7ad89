"""curl, in and out: a request printed as a curl command line, and a curl command line read as requests. All of it pure.

`print` writes the line. `parse` reads the words, `url` what curl makes of a URL, `transfer` the requests that come of both,
`notes` what a sloppy line really does, `code` the same request in another language, `write_out` what -w prints.

Source: what curl 7.88.1 was seen to send and to say, and its manual page; where newer ones differ it is said.
"""
