/*
 * areas - see areas.h.
 */
#include "trace/areas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static enum area_kind kind_of(const char *name)
{
	if (!name[0] || starts_with(name, "[anon"))
		return AREA_ANONYMOUS;
	if (starts_with(name, "[heap]"))
		return AREA_HEAP;
	if (starts_with(name, "[stack"))
		return AREA_STACK;
	if (name[0] != '/' || starts_with(name, "/memfd:memprof"))
		return AREA_OTHER;
	if (starts_with(name, "/dev/") && !starts_with(name, "/dev/shm/") &&
	    !starts_with(name, "/dev/zero"))
		return AREA_OTHER;
	return AREA_FILE;
}

/* "START-END RIGHTS OFFSET DEVICE INODE   NAME" */
static bool parse(char *line, struct area *a)
{
	unsigned long long start, end, inode;
	char rights[5];
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%llx-%llx %4s %*x %*s %llu %n", &start, &end, rights,
		   &inode, &name) < 4 ||
	    !name)
		return false;
	*a = (struct area){ .start = start,
			    .end = end,
			    .inode = inode,
			    .kind = kind_of(line + name),
			    .readable = rights[0] == 'r',
			    .writable = rights[1] == 'w',
			    .executable = rights[2] == 'x',
			    .shared = rights[3] == 's' };
	return true;
}

bool areas_read(struct areas *all, int32_t pid)
{
	char path[64];
	char *line = NULL;
	size_t capacity = 0;
	struct area a;
	FILE *maps;

	*all = (struct areas){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return false;
	while (getline(&line, &capacity, maps) > 0) {
		if (!parse(line, &a))
			continue;
		all->list = xgrow(all->list, &all->capacity, all->count + 1,
				  sizeof(*all->list));
		all->list[all->count++] = a;
	}
	free(line);
	fclose(maps);
	return all->count > 0;
}

void areas_release(struct areas *a)
{
	free(a->list);
}
