"""The AAMI beat classifier: features, network and trees, training, and inference on the stream.

`BeatLabeller` is what runs live. The order of reading: `kernel` (what is measured of a beat),
`context` (the state it is measured against), `classifier` (the decision). The weights come from
`network` and `trees` (the two questions), `splicing` and `regimes` (rhythms made for training),
`weighting`, `course`, `training`, `calibration`, `export` and `release`. The model card is
weights/MODEL_CARD.md.
"""
