"""The websocket hub: live traces, beats, numbers and alarms from Redis to browsers.

``core`` decides what every client is told and knows neither sockets nor clocks; ``readers``
feeds it from Redis, ``server`` serves it over websockets. Traces come from the wave stream
itself, so that they go on when the detector stalls.
"""
