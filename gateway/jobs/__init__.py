"""Long work in processes of its own: uploads are kept in folders, a queue says whose turn it is.

The folder of a job is the truth about its outcome: a result or an error that lies there stands,
whatever becomes of the queue (rq, in Redis), which tells what waits and how far a job is.
"""
