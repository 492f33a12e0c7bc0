"""Why a beat was called what it was called.

The device's kept signal is analysed once more, by the code that labels beats live, up to the beat
in question (`replay`). There the networks are opened up (`probe`), and asked what they would have
said of a beat that differs (`variants`). `answer` puts it together, `service` answers over Redis.
"""
