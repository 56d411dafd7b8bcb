/*
 * door_order - knock at the door of the memprof that traces a process.
 *
 * Every traced process has the ring mapped, and memprof itself too: the ring's
 * inode is the name of the door.
 */
#include "cli/door_address.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static int find_ring(int32_t pid, ino_t *ring, struct err *err)
{
	static const char name[] = "/memfd:memprof";
	size_t room = 0;
	char path[32];
	char *line = NULL;
	FILE *maps;

	*ring = 0;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (access(path, F_OK) < 0)
		return err_set(err, "there is no such process");
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	/* A page is read when it is needed: only then is it forbidden. */
	while (maps && !*ring && getline(&line, &room, maps) > 0) {
		const char *file = strchr(line, '/');
		unsigned long long inode;

		if (file && !strncmp(file, name, strlen(name)) &&
		    sscanf(line, "%*s %*s %*s %*s %llu", &inode) == 1)
			*ring = (ino_t)inode;
	}
	free(line);
	if (!maps || (!*ring && ferror(maps)))
		err_errno(err, "cannot look into the process");
	else if (!*ring)
		err_set(err, "it is not traced by memprof");
	if (maps)
		fclose(maps);
	return *ring ? 0 : -1;
}

static int judge(const struct door_answer *answer, struct err *err)
{
	switch ((enum door_code)answer->code) {
	case DOOR_OBEYED:
	case DOOR_NOT_YET:
		return 0;
	case DOOR_FAILED:
		return err_set(err, "%.*s", (int)sizeof(answer->text) - 1,
			       answer->text);
	case DOOR_REFUSED:
		break;
	}
	return err_set(err, "another user's memprof traces it");
}

static int ask(int fd, ino_t ring, const struct door_order *order,
	       struct door_answer *answer, struct err *err)
{
	const struct timeval patience = { .tv_sec = 30 };
	struct sockaddr_un name;

	/* The name of our own end is the kernel's choice. */
	name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) < 0)
		return err_errno(err, "cannot make a socket");
	if (connect(fd, (struct sockaddr *)&name, door_address(&name, ring)) <
		    0 ||
	    send(fd, order, sizeof(*order), MSG_NOSIGNAL) < 0)
		return err_set(err, "the memprof that traced it is gone");
	if (recv(fd, answer, sizeof(*answer), 0) != sizeof(*answer))
		return err_set(err, "the memprof that traces it does not "
				    "answer");
	answer->text[sizeof(answer->text) - 1] = '\0';
	return judge(answer, err);
}

int door_order(const struct door_order *order, struct door_answer *answer,
	       struct err *err)
{
	struct door_answer unread;
	ino_t ring;
	int fd, ret;

	if (find_ring(order->pid, &ring, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "cannot make a socket");
	ret = ask(fd, ring, order, answer ? answer : &unread, err);
	close(fd);
	return ret;
}
