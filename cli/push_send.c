/*
 * push_send - the way of a request to a server, through libcurl.
 *
 * Sent again is what may go well the next time: when nobody answers, or the
 * server says that it is the one at fault or too busy. The first wait is half a
 * second, and each is twice the one before. What the server says when it
 * refuses is the reason that the user reads.
 */
#include "cli/push.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/push_curl.h"

enum {
	FIRST_WAIT = 500, /* ms */
	LONGEST_WAIT = 16000,
	ANSWER = 4096, /* bytes that are kept of one */
	TOO_MANY = 429,
	CONNECT_TIMEOUT = 10, /* s */
};

/* One request and its tries. */
struct sending {
	struct push_curl curl;
	CURL *handle;
	const struct push_request *request;
	const struct push_options *options;
};

struct answer {
	long status; /* of HTTP; 0 none came */
	int grpc; /* its status, -1 unknown */
	char text[ANSWER];
	size_t length;
	char why[CURL_ERROR_SIZE];
};

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *a = context;
	size_t length = size * count, room = sizeof(a->text) - 1 - a->length;

	memcpy(a->text + a->length, bytes, length < room ? length : room);
	a->length += length < room ? length : room;
	return size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
	static const char name[] = "grpc-status:";
	struct answer *a = context;

	if (size * count > sizeof(name) &&
	    strncasecmp(bytes, name, sizeof(name) - 1) == 0)
		a->grpc = atoi(bytes + sizeof(name) - 1);
	return size * count;
}

/* Behind the message of an answer of gRPC-Web stand its last headers. */
static void find_grpc_status(struct answer *a)
{
	static const char name[] = "grpc-status:";
	char *at = a->grpc < 0
			   ? memmem(a->text, a->length, name, sizeof(name) - 1)
			   : NULL;

	if (at)
		a->grpc = atoi(at + sizeof(name) - 1);
}

static struct curl_slist *headers_of(const struct sending *s)
{
	const struct push_options *o = s->options;
	struct curl_slist *list = NULL;
	char type[64];

	snprintf(type, sizeof(type), "Content-Type: %s", s->request->type);
	list = s->curl.append(list, type);
	/* Without it a server may be waited for before the body is sent. */
	list = s->curl.append(list, "Expect:");
	for (size_t i = 0; i < o->header_count; i++)
		list = s->curl.append(list, o->headers[i]);
	return list;
}

static void prepare(const struct sending *s, struct answer *a)
{
	typeof(s->curl.setopt) set = s->curl.setopt;
	const struct push_request *r = s->request;
	CURL *c = s->handle;

	set(c, CURLOPT_URL, r->url);
	set(c, CURLOPT_PROTOCOLS_STR, "http,https");
	set(c, CURLOPT_USERAGENT, "memprof/" MEMPROF_VERSION);
	set(c, CURLOPT_POST, 1L);
	set(c, CURLOPT_POSTFIELDS, r->body);
	set(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->size);
	set(c, CURLOPT_TIMEOUT, (long)s->options->timeout);
	set(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT);
	set(c, CURLOPT_NOSIGNAL, 1L);
	set(c, CURLOPT_WRITEFUNCTION, take);
	set(c, CURLOPT_WRITEDATA, a);
	set(c, CURLOPT_HEADERFUNCTION, take_header);
	set(c, CURLOPT_HEADERDATA, a);
	set(c, CURLOPT_ERRORBUFFER, a->why);
}

/* Up to the end of a line: more would not be read. */
static void trim(struct answer *a)
{
	size_t i = 0;

	while (i < a->length && a->text[i] >= ' ')
		i++;
	a->text[i] = '\0';
}

static CURLcode try(const struct sending *s, struct answer *a)
{
	struct curl_slist *headers = headers_of(s);
	CURLcode code;

	*a = (struct answer){ .grpc = -1 };
	prepare(s, a);
	s->curl.setopt(s->handle, CURLOPT_HTTPHEADER, headers);
	code = s->curl.perform(s->handle);
	s->curl.getinfo(s->handle, CURLINFO_RESPONSE_CODE, &a->status);
	find_grpc_status(a);
	trim(a);
	s->curl.free_all(headers);
	return code;
}

static bool is_fine(CURLcode code, const struct answer *a)
{
	return code == CURLE_OK && a->status >= 200 && a->status < 300 &&
	       a->grpc <= 0;
}

static bool may_pass(CURLcode code, const struct answer *a)
{
	if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
	    code == CURLE_PEER_FAILED_VERIFICATION)
		return false;
	/* 14 is "unavailable", 8 "resource exhausted". */
	return code != CURLE_OK || a->status >= 500 || a->status == TOO_MANY ||
	       a->grpc == 14 || a->grpc == 8;
}

static void wait_before(unsigned int retry)
{
	unsigned int ms = FIRST_WAIT;
	struct timespec time;

	while (--retry && ms < LONGEST_WAIT)
		ms *= 2;
	time = (struct timespec){ .tv_sec = ms / 1000,
				  .tv_nsec = ms % 1000 * 1000000L };
	nanosleep(&time, NULL);
}

static int fail(const struct sending *s, CURLcode code, const struct answer *a,
		unsigned int tries, struct err *err)
{
	const char *url = s->request->shown;
	char times[32] = "";

	if (tries > 1)
		snprintf(times, sizeof(times), " (%u tries)", tries);
	if (code != CURLE_OK)
		return err_set(err, "'%s': %s%s", url,
			       a->why[0] ? a->why : s->curl.strerror(code),
			       times);
	if (a->grpc > 0)
		return err_set(err, "'%s' refused it with gRPC status %d%s",
			       url, a->grpc, times);
	return err_set(err, "'%s' answered %ld%s%s%s", url, a->status,
		       a->text[0] ? ": " : "", a->text, times);
}

static int keep_trying(const struct sending *s, struct err *err)
{
	unsigned int tries = 0;
	struct answer a;
	CURLcode code;

	do {
		if (tries)
			wait_before(tries);
		code = try(s, &a);
		tries++;
	} while (tries <= s->options->retries && may_pass(code, &a));
	return is_fine(code, &a) ? 0 : fail(s, code, &a, tries, err);
}

int push_send(const struct push_request *r, const struct push_options *o,
	      struct err *err)
{
	struct sending s = { .request = r, .options = o };
	int ret;

	if (push_curl_load(&s.curl, err) < 0)
		return -1;
	s.handle = s.curl.init();
	if (!s.handle)
		return err_set(err, "libcurl can not be used");
	ret = keep_trying(&s, err);
	s.curl.cleanup(s.handle);
	return ret;
}
