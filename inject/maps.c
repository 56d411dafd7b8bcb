/*
 * maps - see maps.h.
 */
#include "inject/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/xmalloc.h"

enum {
	TEXT_MAX = 64 << 20, /* of /proc/PID/maps */
};

static int read_text(struct maps *m, int fd, struct err *err)
{
	size_t size = 0, capacity = 0;
	ssize_t n;

	do {
		m->text = xgrow(m->text, &capacity, size + 65536, 1);
		n = read(fd, m->text + size, capacity - size - 1);
		if (n > 0)
			size += (size_t)n;
	} while (n > 0 && size < TEXT_MAX);
	m->text[size] = '\0';
	return n < 0 ? err_errno(err, "cannot read its mappings") : 0;
}

static void strip(char *path)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	size_t size = strlen(path);

	if (size > tail && !strcmp(path + size - tail, deleted))
		path[size - tail] = '\0';
}

static void add_line(struct maps *m, char *line)
{
	struct map map = { 0 };
	int path = 0;

	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &map.low, &map.high,
		   map.flags, &map.offset, &map.major, &map.minor, &map.inode,
		   &path) < 7 ||
	    !path)
		return;
	strip(line + path);
	map.path = line + path;
	m->list = xgrow(m->list, &m->capacity, m->count + 1, sizeof(map));
	m->list[m->count++] = map;
}

static int read_maps(struct maps *m, int fd, struct err *err)
{
	int ret = read_text(m, fd, err);
	char *rest, *line;

	for (line = strtok_r(m->text, "\n", &rest); !ret && line;
	     line = strtok_r(NULL, "\n", &rest))
		add_line(m, line);
	return ret;
}

int maps_read(struct maps *m, pid_t pid, struct err *err)
{
	char path[64];
	int fd, ret;

	*m = (struct maps){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	ret = read_maps(m, fd, err);
	close(fd);
	return ret;
}

void maps_release(struct maps *m)
{
	free(m->list);
	free(m->text);
	*m = (struct maps){ 0 };
}

const struct map *maps_at(const struct maps *m, uintptr_t addr)
{
	for (size_t i = 0; i < m->count; i++) {
		if (addr >= m->list[i].low && addr < m->list[i].high)
			return &m->list[i];
	}
	return NULL;
}

const char *map_name(const struct map *map)
{
	const char *slash = strrchr(map->path, '/');

	return slash ? slash + 1 : map->path;
}

const struct map *maps_code(const struct maps *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->list[i].flags[2] == 'x' &&
		    !strncmp(map_name(&m->list[i]), name, strlen(name)))
			return &m->list[i];
	}
	return NULL;
}
