/*
 * push_curl - see push_curl.h.
 */
#include "cli/push_curl.h"

#include <dlfcn.h>
#include <stdbool.h>

static bool find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	/* As POSIX has it, a pointer to a function is one to an object. */
	*(void **)function = found;
	return found != NULL;
}

int push_curl_load(struct push_curl *curl, struct err *err)
{
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return err_set(err, "cannot load libcurl: %s", dlerror());
	if (find(library, "curl_easy_init", &curl->init) &&
	    find(library, "curl_easy_cleanup", &curl->cleanup) &&
	    find(library, "curl_easy_setopt", &curl->setopt) &&
	    find(library, "curl_easy_perform", &curl->perform) &&
	    find(library, "curl_easy_getinfo", &curl->getinfo) &&
	    find(library, "curl_easy_strerror", &curl->strerror) &&
	    find(library, "curl_slist_append", &curl->append) &&
	    find(library, "curl_slist_free_all", &curl->free_all))
		return 0;
	return err_set(err, "cannot use libcurl: %s", dlerror());
}
