"""The AAMI beat classifier: features, network, training, and inference on the live stream.

`BeatLabeller` is what runs live. The order of reading: `kernel` (what is measured of a beat),
`context` (the state it is measured against), `classifier` (the decision); `network`, `training`,
`calibration`, `export` and `release` make the weights. The model card is weights/MODEL_CARD.md.
"""
