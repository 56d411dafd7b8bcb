/*
 * process - see process.h.
 */
#include "trace/process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/exepath.h"
#include "trace/xmalloc.h"

enum {
	LIMITS_MAX = 4096, /* bytes of notes kept of a process */
};

struct process *process_create(uint32_t number, uint32_t slot)
{
	struct process *p = xcalloc(1, sizeof(*p));

	p->number = number;
	p->slot = slot;
	p->pidfd = -1;
	p->changed = true;
	return p;
}

void process_retire(struct process *p)
{
	/* A child may have been forked that is not known yet. */
	space_retire(&p->space);
	live_release(&p->live);
	live_release(&p->moving);
	mappings_release(&p->mappings);
	reorder_release(&p->reused);
	reorder_release(&p->unbegun);
	reorder_release(&p->ends);
	if (p->pidfd >= 0)
		close(p->pidfd);
	p->pidfd = -1;
}

void process_destroy(struct process *p)
{
	process_retire(p);
	space_release(&p->space);
	python_release(&p->python);
	free(p->gc);
	free(p->thread_names);
	process_set(&p->model.name, NULL);
	process_set(&p->model.exe, NULL);
	process_set(&p->model.note, NULL);
	process_set(&p->model.limits, NULL);
	free(p);
}

void process_set(const char **field, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;

	free((char *)*field);
	*field = copy;
}

void process_add_limit(struct process *p, const char *text)
{
	const char *had = p->model.limits;
	size_t size = strlen(text) + (had ? strlen(had) : 0) + 3;
	char *both;

	if (size > LIMITS_MAX || (had && strstr(had, text)))
		return;
	both = xmalloc(size);
	strcpy(both, had ? had : "");
	if (had)
		strcat(both, "; ");
	strcat(both, text);
	process_set(&p->model.limits, both);
	free(both);
}

void process_set_program(struct process *p, const char *path)
{
	if (p->model.exe && !strcmp(p->model.exe, path))
		return;
	process_set(&p->model.exe, path);
	process_set(&p->model.name, exepath_name(path));
	p->changed = true;
}
