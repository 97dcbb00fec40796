"""What tests share: a client written by hand, and a compositor to talk to.

    tables   signatures of every standard interface, as pywayland has them
    wire     bytes of requests and events, written from the wire format alone
    client   a client without libwayland: it sees every byte and may send any
    pixels   files, pools and buffers of such a client
    stage    a compositor in this process, under the manual clock
    process  a compositor in a process of its own, over its real socket

Nothing here uses `compositor.wire`: the two sides must not share a mistake.
"""
