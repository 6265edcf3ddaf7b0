"""One model refitted many times: to other responses, or to some of the rows."""
