"""Hybrid LSTM and CNN autoencoder: reconstructs beats, scores how unlike the patient's they are.

Three steps, batched over all beats that became ready on all beds in a tick::

    inputs = calibration.prepare(states, rows, windows, rr)   # numpy: the patient's own template
    scored = autoencoder.score(inputs)                         # onnxruntime: reconstruction, errors
    anomaly = calibration.judge(states, rows, scored, autoencoder.fusion)  # 0 .. 1, 0.5: threshold

`models.autoencoder.inputs` makes what the network sees, `calibration` holds the state of each
device, `inference` runs the weights, `network` and `training` (torch) make them.
"""
