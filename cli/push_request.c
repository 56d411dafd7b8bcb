/*
 * push_request - what servers of continuous profiling want to get.
 *
 * Pyroscope: POST /ingest with the profile as it is, and what it is about in
 * the query. Servers from before 1.0 and agents that pass profiles on take the
 * same.
 *
 * Parca: the call WriteRaw of its profile store as gRPC-Web, which is a POST of
 * a message behind five bytes that have its length. Its routes for JSON are not
 * everywhere where they are said to be.
 */
#include "cli/push.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/parca.pb-c.h"
#include "trace/xmalloc.h"

static const char parca_call[] =
	"/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw";

enum {
	FRAME_HEAD = 5, /* a byte of flags, then the length, high bytes first */
};

/* "http://host/path" of "http://user:password@host/path/?query". */
static char *without_password(const char *url)
{
	const char *host = strstr(url, "://");
	char *shown = xstrdup(url), *at;

	if (!host)
		return shown;
	host += 3;
	at = shown + (host - url);
	at = memchr(at, '@', strcspn(at, "/?#"));
	if (at)
		memmove(shown + (host - url), at + 1, strlen(at + 1) + 1);
	return shown;
}

/* The URL, without slashes at its end, and what is put behind. */
static char *join(const char *url, const char *path)
{
	size_t length = strlen(url);
	char *joined;

	while (length && url[length - 1] == '/')
		length--;
	joined = xmalloc(length + strlen(path) + 1);
	memcpy(joined, url, length);
	strcpy(joined + length, path);
	return joined;
}

static void put_encoded(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			fputc(*text, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*text);
	}
}

/* "name{key=value,key=value}" */
static char *set_of_labels(const struct push_profile *p)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_failed();
	fprintf(out, "%s{", p->name);
	for (size_t i = 0; i < p->label_count; i++)
		fprintf(out, "%s%s=%s", i ? "," : "", p->labels[i].name,
			p->labels[i].value);
	fputc('}', out);
	if (fclose(out))
		xmalloc_failed();
	return text;
}

static char *query_of(const struct push_profile *p)
{
	char *text = NULL, *labels = set_of_labels(p);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_failed();
	fputs("/ingest?name=", out);
	put_encoded(out, labels);
	fprintf(out,
		"&from=%" PRIu64 "&until=%" PRIu64
		"&format=pprof&spyName=memprof",
		p->from, p->until);
	if (fclose(out))
		xmalloc_failed();
	free(labels);
	return text;
}

int push_to_pyroscope(const struct push_profile *p, const char *url,
		      struct push_request *r, struct err *err)
{
	char *query;

	if (strpbrk(p->name, "{},=\""))
		return err_set(err, "'%s' can not be a name: see --name",
			       p->name);
	for (size_t i = 0; i < p->label_count; i++)
		if (strpbrk(p->labels[i].value, "{},=\""))
			return err_set(err,
				       "'%s' can not be a label of Pyroscope: "
				       "it has one of {},=\"",
				       p->labels[i].value);
	query = query_of(p);
	*r = (struct push_request){
		.url = join(url, query),
		.shown = without_password(url),
		.type = "application/octet-stream",
		.body = xmemdup(p->bytes, p->size),
		.size = p->size,
	};
	free(query);
	return 0;
}

static void *pack(const Parca__WriteRawRequest *message, size_t *size)
{
	size_t length = parca__write_raw_request__get_packed_size(message);
	uint8_t *frame = xcalloc(1, length + FRAME_HEAD);

	for (int i = 0; i < 4; i++)
		frame[1 + i] = (uint8_t)(length >> 8 * (3 - i));
	parca__write_raw_request__pack(message, frame + FRAME_HEAD);
	*size = length + FRAME_HEAD;
	return frame;
}

/* The labels of the profile, and two of our own. */
static void *message_of(const struct push_profile *p, size_t *size)
{
	size_t count = p->label_count + 2;
	Parca__Label *labels = xcalloc(count, sizeof(*labels));
	Parca__Label **list = xcalloc(count, sizeof(*list));
	Parca__LabelSet set = PARCA__LABEL_SET__INIT;
	Parca__RawSample sample = PARCA__RAW_SAMPLE__INIT, *samples = &sample;
	Parca__RawProfileSeries one = PARCA__RAW_PROFILE_SERIES__INIT,
				*series = &one;
	Parca__WriteRawRequest message = PARCA__WRITE_RAW_REQUEST__INIT;
	void *frame;

	for (size_t i = 0; i < count; i++) {
		list[i] = &labels[i];
		parca__label__init(&labels[i]);
		labels[i].name =
			i < 2 ? i ? "job" : "__name__" : p->labels[i - 2].name;
		labels[i].value = i < 2 ? i ? (char *)p->name : "memory"
					: (char *)p->labels[i - 2].value;
	}
	set.n_labels = count;
	set.labels = list;
	sample.raw_profile.data = (uint8_t *)p->bytes;
	sample.raw_profile.len = p->size;
	one.labels = &set;
	one.n_samples = 1;
	one.samples = &samples;
	message.n_series = 1;
	message.series = &series;
	frame = pack(&message, size);
	free(labels);
	free(list);
	return frame;
}

int push_to_parca(const struct push_profile *p, const char *url,
		  struct push_request *r, struct err *err)
{
	if (p->size > UINT32_MAX / 2)
		return err_set(err, "the profile is too large to be sent");
	*r = (struct push_request){
		.url = join(url, parca_call),
		.shown = without_password(url),
		.type = "application/grpc-web+proto",
	};
	r->body = message_of(p, &r->size);
	return 0;
}

void push_request_release(struct push_request *r)
{
	free(r->url);
	free(r->shown);
	free(r->body);
}
