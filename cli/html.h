/*
 * html - the text of the HTML report, but for its data: cli/html as bytes.
 *
 * The definitions are made by cli/html/embed.cmake.
 */
#ifndef MEMPROF_CLI_HTML_H
#define MEMPROF_CLI_HTML_H

#include <stddef.h>

extern const unsigned char html_before[], html_behind[];
extern const size_t html_before_size, html_behind_size;

#endif
