/*
 * plot_image - pictures of memory over time, and the page around one.
 */
#include "cli/plot.h"

#include <cairo-svg.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "cli/plot_draw.h"
#include "text/escape.h"

enum {
	SCALE = 2, /* pixels of a PNG for a unit: screens are fine today */
};

static cairo_status_t put(void *out, const unsigned char *bytes,
			  unsigned int length)
{
	return fwrite(bytes, 1, length, out) == length
		       ? CAIRO_STATUS_SUCCESS
		       : CAIRO_STATUS_WRITE_ERROR;
}

/* What cairo failed at, as errno has it. */
static int result(cairo_status_t status)
{
	if (status == CAIRO_STATUS_SUCCESS)
		return 0;
	if (status != CAIRO_STATUS_WRITE_ERROR || !errno)
		errno = status == CAIRO_STATUS_NO_MEMORY ? ENOMEM : EIO;
	return -1;
}

int plot_svg(const struct plot *p, FILE *out)
{
	cairo_surface_t *s = cairo_svg_surface_create_for_stream(
		put, out, PLOT_WIDTH, PLOT_HEIGHT);
	cairo_t *c = cairo_create(s);
	cairo_status_t status;

	errno = 0;
	plot_draw(p, c);
	status = cairo_status(c);
	cairo_destroy(c);
	cairo_surface_finish(s);
	if (!status)
		status = cairo_surface_status(s);
	cairo_surface_destroy(s);
	return result(status);
}

int plot_png(const struct plot *p, FILE *out)
{
	cairo_surface_t *s = cairo_image_surface_create(
		CAIRO_FORMAT_RGB24, PLOT_WIDTH * SCALE, PLOT_HEIGHT * SCALE);
	cairo_t *c = cairo_create(s);
	cairo_status_t status;

	errno = 0;
	cairo_scale(c, SCALE, SCALE);
	plot_draw(p, c);
	status = cairo_status(c);
	cairo_destroy(c);
	if (!status)
		status = cairo_surface_write_to_png_stream(s, put, out);
	cairo_surface_destroy(s);
	return result(status);
}

static void put_row(FILE *out, const char *name, const char *value)
{
	fputs("<tr><th>", out);
	escape_print_markup(out, name);
	fputs("</th><td>", out);
	escape_print_markup(out, value);
	fputs("</td></tr>\n", out);
}

static void put_figures(const struct plot *p, FILE *out)
{
	const struct query_totals *t = profile_totals(p->profile, MODEL_HEAP);
	const struct trace_run *run = profile_run(p->profile);

	fputs("<table>\n", out);
	put_row(out, "time", amount_time(run->duration).text);
	put_row(out, "peak of the heap", amount_bytes(t->peak_bytes).text);
	put_row(out, "at", amount_time(t->peak_time_ns).text);
	put_row(out, "live at the end", amount_bytes(t->live_bytes).text);
	put_row(out, "allocated", amount_bytes(t->allocated_bytes).text);
	put_row(out, "allocations", amount_count(t->allocations).text);
	if (p->shown[PLOT_RSS])
		put_row(out, "highest RSS",
			amount_bytes(plot_highest(p, PLOT_RSS)).text);
	fputs("</table>\n", out);
}

static const char page_style[] =
	"body{font-family:sans-serif;margin:2em auto;max-width:1000px;"
	"color:#222;background:#fff}"
	"svg{width:100%;height:auto}"
	"th{text-align:left;font-weight:normal;color:#666;padding-right:2em}";

int plot_html(const struct plot *p, FILE *out)
{
	char *svg = NULL, *title = plot_title(p);
	const char *body = NULL;
	size_t size;
	FILE *picture = open_memstream(&svg, &size);
	int failed = !picture || plot_svg(p, picture);

	if (picture && fclose(picture) == 0 && !failed)
		body = strstr(svg, "<svg");
	if (body) {
		fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		      "<meta charset=\"utf-8\">\n<title>",
		      out);
		escape_print_markup(out, title);
		fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n",
			page_style);
		fputs(body, out);
		put_figures(p, out);
		fputs("</body>\n</html>\n", out);
	}
	free(svg);
	free(title);
	return body && !ferror(out) ? 0 : -1;
}
