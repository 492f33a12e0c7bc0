"""Uploads, and the queue of what is to be done with them: for whoever takes files in.

The folder of a job is the truth about its outcome: a result or an error that lies there stands,
whatever becomes of the queue (rq, in Redis), which tells what waits and how far a job is. Nothing
here analyses anything: the API and the dashboard put jobs in and look at them, the workers
(`gateway.jobs`) do them.
"""
