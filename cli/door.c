/*
 * door - see door.h.
 *
 * A datagram is a question whole, so there is no connection to wait for or to
 * keep. Anybody on the machine may ask; who does not know the nonce hears
 * nothing.
 */
#include "cli/door.h"

#include "trace/ring.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	AT_ONCE = 64, /* answered in a row, then records are due again */
};

void door_open(struct door *d, int ring, uint64_t nonce)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct stat st;
	int size;

	*d = (struct door){ .fd = -1, .ring = ring, .nonce = nonce };
	if (fstat(ring, &st) < 0)
		return;
	d->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->fd < 0)
		return;
	size = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1,
			RING_DOOR "%llx", (unsigned long long)st.st_ino);
	if (bind(d->fd, (struct sockaddr *)&name,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			     (size_t)size)) < 0)
		door_close(d);
}

static void hand_over(const struct door *d, struct sockaddr_un *to,
		      socklen_t size)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	char nothing = 0;
	struct iovec data = { &nothing, 1 };
	const struct msghdr message = { .msg_name = to,
					.msg_namelen = size,
					.msg_iov = &data,
					.msg_iovlen = 1,
					.msg_control = &control,
					.msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &d->ring, sizeof(int));
	/* Who has gone meanwhile needs no answer. */
	(void)!sendmsg(d->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void door_serve(const struct door *d)
{
	struct sockaddr_un from;
	uint64_t nonce;

	for (int i = 0; i < AT_ONCE && d->fd >= 0; i++) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(d->fd, &nonce, sizeof(nonce), MSG_TRUNC,
				     (struct sockaddr *)&from, &size);

		if (n < 0)
			return;
		if (n == sizeof(nonce) && nonce == d->nonce)
			hand_over(d, &from, size);
	}
}

void door_close(struct door *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}
