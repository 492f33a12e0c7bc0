"""What a patient costs beside other ways of following one."""
