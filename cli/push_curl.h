/*
 * push_curl - libcurl, loaded when something is to be sent.
 *
 * With the twenty-five libraries that it brings it would take every command
 * 20 ms to start, twice as much as all else.
 */
#ifndef MEMPROF_CLI_PUSH_CURL_H
#define MEMPROF_CLI_PUSH_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "trace/err.h"

/* Its functions, as libcurl(3) has them. */
struct push_curl {
	typeof(curl_easy_init) *init;
	typeof(curl_easy_cleanup) *cleanup;
	typeof(curl_easy_setopt) *setopt;
	typeof(curl_easy_perform) *perform;
	typeof(curl_easy_getinfo) *getinfo;
	typeof(curl_easy_strerror) *strerror;
	typeof(curl_slist_append) *append;
	typeof(curl_slist_free_all) *free_all;
};

/* It stays loaded. -1 with err set when there is none. */
int push_curl_load(struct push_curl *curl, struct err *err);

#endif
