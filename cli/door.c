/*
 * door - see door.h.
 *
 * A datagram is a question whole, so there is no connection to wait for or to
 * keep. Anybody on the machine may ask; who does not know the nonce hears
 * nothing. Who gives orders is known by what the kernel says of the sender.
 */
#include "cli/door.h"

#include "cli/door_address.h"

#include <stdbool.h>
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
	const int on = 1;
	struct sockaddr_un name;
	struct stat st;

	*d = (struct door){ .fd = -1, .ring = ring, .nonce = nonce };
	if (fstat(ring, &st) < 0)
		return;
	d->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->fd < 0)
		return;
	setsockopt(d->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	if (bind(d->fd, (struct sockaddr *)&name,
		 door_address(&name, st.st_ino)) < 0)
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

/* Who sent it, by the kernel's word; as nobody when it does not say. */
static uid_t sender(struct msghdr *m)
{
	struct ucred who = { .uid = (uid_t)-1 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&who, CMSG_DATA(c), sizeof(who));
	return who.uid;
}

static void take_order(const struct door *d, struct msghdr *m,
		       struct door_order *order)
{
	struct door_answer answer = { .code = DOOR_REFUSED };
	uid_t uid = sender(m);

	order->name[sizeof(order->name) - 1] = '\0';
	if (d->obey && (uid == geteuid() || uid == 0)) {
		answer.code = DOOR_OBEYED;
		d->obey(d->context, order, &answer);
	}
	(void)!sendto(d->fd, &answer, sizeof(answer),
		      MSG_DONTWAIT | MSG_NOSIGNAL, m->msg_name, m->msg_namelen);
}

static bool is_order(const struct door_order *order, size_t size)
{
	return size == sizeof(*order) &&
	       !memcmp(order->magic, DOOR_MAGIC, sizeof(order->magic));
}

void door_serve(const struct door *d)
{
	union {
		uint64_t nonce;
		struct door_order order;
	} asked;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct sockaddr_un from;
	struct iovec data = { &asked, sizeof(asked) };

	for (int i = 0; i < AT_ONCE && d->fd >= 0; i++) {
		struct msghdr m = { .msg_name = &from,
				    .msg_namelen = sizeof(from),
				    .msg_iov = &data,
				    .msg_iovlen = 1,
				    .msg_control = &control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(d->fd, &m, MSG_TRUNC | MSG_CMSG_CLOEXEC);

		if (n < 0)
			return;
		if (n == sizeof(asked.nonce) && asked.nonce == d->nonce)
			hand_over(d, &from, m.msg_namelen);
		else if (is_order(&asked.order, (size_t)n))
			take_order(d, &m, &asked.order);
	}
}

void door_close(struct door *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}
