"""Fake providers: one process that speaks the APIs of SendGrid, Twilio and the others, and does wrong on demand.

`python -m worker.fake_providers --port 4010 --journal journal.ndjson --callbacks http://127.0.0.1:8080/v1/hooks`
serves each provider at `http://127.0.0.1:4010/{provider}`. Every request is on the disk, with fsync, before anything
is done about it: what the journal holds has arrived, whatever happened afterwards.

Controls, all JSON:

=============================== ==========================================================================
`PUT /__script/{provider}`      what goes wrong: a `script.Script`
`GET /__journal?provider=`      every request
`GET /__sent?provider=`         what was delivered; a repeated key delivers nothing where the real one keeps keys
`GET /__callbacks`              every callback that was posted, with the status of its answer
`POST /__callbacks/{provider}`  post one now: an `app.Telling`
`GET /__settings/{provider}`    environment variables which make Sojourn use the fake
`DELETE /__state`               begin anew; the journal's file keeps all
=============================== ==========================================================================

A script, for example: the first request is told to wait, the second is delivered and gets no answer, and every message
is followed by the same callback twice, one second later::

    {"rules": [{"do": "answer", "status": 429, "retry_after": "2"}, {"do": "reset", "processed": true}],
     "callbacks": [{"event": "delivered", "after": 1, "times": 2}]}

To add a provider, write one module with a subclass of `core.FakeProvider` (stateless: `settings`, `read` and
`accepted` are needed; `refused`, `other`, `callback`, `new_id` and `conflict` have defaults) and name it in
`registry.py`.
"""
