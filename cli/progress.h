/*
 * progress - tells on stderr what is being downloaded.
 */
#ifndef MEMPROF_CLI_PROGRESS_H
#define MEMPROF_CLI_PROGRESS_H

/* From now on: a line that changes on a terminal, else one line a file. */
void progress_show(void);

/* The line is gone; others may be written. */
void progress_end(void);

#endif
