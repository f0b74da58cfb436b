/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/origin.h"

#include <assert.h>
#include <string.h>

#include "policy/ascii.h"
#include "policy/header.h"

#define PRESENTED_MAX 300
#define HTTP_PORT 80
#define HTTPS_PORT 443
#define ASCII_DELETE 0x7F

enum grammar {
	GRAMMAR_PLAIN = 0,
	GRAMMAR_WILDCARDS, /* `*.` before the name and `*` as port too */
};

static const char *const fault_texts[ORIGIN_FAULTS] = {
	[ORIGIN_FINE] = "nothing is wrong",
	[ORIGIN_NO_SCHEME] = "no scheme: write scheme://host[:port], as in "
	                     "https://app.example.com",
	[ORIGIN_SOCKET_SCHEME] = "name the page, not the socket: write "
	                         "http:// for ws://, https:// for wss://",
	[ORIGIN_FILE_SCHEME] = "pages from a file have the origin null: "
	                       "write null if they may come in",
	[ORIGIN_NOT_ASCII] = "not US-ASCII: write the host in its xn-- form",
	[ORIGIN_BLANK] = "holds a blank: write one origin in each entry, "
	                 "nothing around it",
	[ORIGIN_PATH] = "an origin ends after host and port: remove the path, "
	                "query, fragment or trailing slash",
	[ORIGIN_USER] = "an origin has no user: remove everything up to the @",
	[ORIGIN_NO_HOST] = "no host: write scheme://host[:port]",
	[ORIGIN_BAD_NAME] = "the host may hold letters, digits, '-', '_' and "
	                    "'.'; patterns and lists are not offered, write "
	                    "one entry for each origin",
	[ORIGIN_BAD_IPV6] = "no IPv6 address in brackets: write it as in "
	                    "http://[::1]:8080, without a zone",
	[ORIGIN_EMPTY_LABEL] = "remove the dot too many: a host neither begins "
	                       "nor ends with a dot, nor has two in a row",
	[ORIGIN_TOO_LONG] = "too long: a host has at most 253 octets, each "
	                    "part between dots at most 63",
	[ORIGIN_NUMBER] = "ends like an IPv4 address but is none: write all "
	                  "four numbers, decimal, without leading zeros",
	[ORIGIN_BAD_PORT] = "the port is a number from 1 to 65535 without "
	                    "leading zeros; leave out the colon for the "
	                    "default port",
	[ORIGIN_STAR] = "a star stands for whole labels in front of a name, "
	                "as in https://*.example.com, or for any port",
	[ORIGIN_STAR_SCHEME] = "a star in front of a name goes with http:// "
	                       "and https:// only",
	[ORIGIN_STAR_SHORT] = "under the star a name of at least two labels "
	                      "is needed, as in https://*.example.com",
	[ORIGIN_STAR_PORT] = "any port is for localhost, 127.0.0.1 and [::1] "
	                     "only: write the port",
	[ORIGIN_NOT_PUBLIC] = "a listener's own name is http:// or https:// "
	                      "with a host and maybe a port, without star",
};

static bool is_scheme_octet(uint8_t octet)
{
	return ascii_is_alpha(octet) || ascii_is_digit(octet) || octet == '+' ||
	       octet == '-' || octet == '.';
}

static bool is_scheme(struct slice scheme, const char *name)
{
	return ascii_same(scheme, slice_from_text(name));
}

static bool is_http(struct slice scheme)
{
	return is_scheme(scheme, "http") || is_scheme(scheme, "https");
}

static uint16_t default_port(struct slice scheme)
{
	if (is_scheme(scheme, "http"))
		return HTTP_PORT;
	if (is_scheme(scheme, "https"))
		return HTTPS_PORT;
	return 0;
}

/* Takes "scheme://" from the front of `rest`. */
static enum origin_fault read_scheme(struct slice *rest, struct slice *out)
{
	struct slice after = *rest;
	struct slice scheme;
	size_t len = 0;

	while (len < after.len && is_scheme_octet(after.data[len]))
		len++;
	scheme = slice_take(&after, len);
	if (len == 0 || !ascii_is_alpha(scheme.data[0]) || after.len < 3 ||
	    !slice_is(slice_take(&after, 3), "://"))
		return ORIGIN_NO_SCHEME;
	if (is_scheme(scheme, "ws") || is_scheme(scheme, "wss"))
		return ORIGIN_SOCKET_SCHEME;
	if (is_scheme(scheme, "file"))
		return ORIGIN_FILE_SCHEME;
	*out = scheme;
	*rest = after;
	return ORIGIN_FINE;
}

/* Octets that no host may hold, told apart for the sake of the operator. */
static enum origin_fault find_stray(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.data[i]) {
		case '/':
		case '?':
		case '#':
			return ORIGIN_PATH;
		case '@':
			return ORIGIN_USER;
		default:
			break;
		}
	}
	return ORIGIN_FINE;
}

static enum origin_fault read_host(struct slice text,
                                   struct authority_host *out)
{
	static const enum origin_fault faults[] = {
		[AUTHORITY_FINE] = ORIGIN_FINE,
		[AUTHORITY_EMPTY] = ORIGIN_NO_HOST,
		[AUTHORITY_OCTET] = ORIGIN_BAD_NAME,
		[AUTHORITY_BAD_IPV6] = ORIGIN_BAD_IPV6,
		[AUTHORITY_EMPTY_LABEL] = ORIGIN_EMPTY_LABEL,
		[AUTHORITY_TOO_LONG] = ORIGIN_TOO_LONG,
		[AUTHORITY_NUMBER] = ORIGIN_NUMBER,
	};

	if (text.len > 0 && memchr(text.data, '*', text.len))
		return ORIGIN_STAR;
	return faults[authority_read_host(text, out)];
}

static enum origin_fault read_port(struct slice text, enum grammar grammar,
                                   struct origin *origin)
{
	origin->port = default_port(origin->scheme);
	if (text.len == 0)
		return ORIGIN_FINE;
	if (grammar == GRAMMAR_WILDCARDS && slice_is(text, ":*")) {
		origin->is_any_port = true;
		return ORIGIN_FINE;
	}
	return authority_read_port(text, &origin->port) ? ORIGIN_FINE
	                                                : ORIGIN_BAD_PORT;
}

/* Takes "*." from the front of `rest`. */
static bool take_star(struct slice *rest)
{
	struct slice after = *rest;

	if (after.len < 2 || !slice_is(slice_take(&after, 2), "*."))
		return false;
	*rest = after;
	return true;
}

static enum origin_fault check_wildcards(const struct origin *origin)
{
	const struct authority_host *host = &origin->host;

	if (origin->is_subdomains && !is_http(origin->scheme))
		return ORIGIN_STAR_SCHEME;
	if (origin->is_subdomains &&
	    (host->kind != AUTHORITY_NAME ||
	     !memchr(host->name.data, '.', host->name.len)))
		return ORIGIN_STAR_SHORT;
	if (origin->is_any_port && !authority_is_loopback(host))
		return ORIGIN_STAR_PORT;
	return ORIGIN_FINE;
}

static enum origin_fault read_tuple(struct slice text, enum grammar grammar,
                                    struct origin *out)
{
	struct origin origin = { .kind = ORIGIN_TUPLE };
	struct slice host, port;
	enum origin_fault fault = read_scheme(&text, &origin.scheme);

	if (fault == ORIGIN_FINE)
		fault = find_stray(text);
	if (fault != ORIGIN_FINE)
		return fault;
	if (grammar == GRAMMAR_WILDCARDS)
		origin.is_subdomains = take_star(&text);
	authority_split(text, &host, &port);
	fault = read_host(host, &origin.host);
	if (fault == ORIGIN_FINE)
		fault = read_port(port, grammar, &origin);
	if (fault == ORIGIN_FINE)
		fault = check_wildcards(&origin);
	if (fault == ORIGIN_FINE)
		*out = origin;
	return fault;
}

static enum origin_fault check_octets(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] > ASCII_DELETE)
			return ORIGIN_NOT_ASCII;
		if (text.data[i] <= ' ' || text.data[i] == ASCII_DELETE)
			return ORIGIN_BLANK;
	}
	return ORIGIN_FINE;
}

enum origin_fault origin_read_entry(struct slice text, struct origin *out)
{
	enum origin_fault fault = check_octets(text);

	if (fault != ORIGIN_FINE)
		return fault;
	if (slice_is(text, "null"))
		*out = (struct origin){ .kind = ORIGIN_OPAQUE };
	else if (slice_is(text, "*"))
		*out = (struct origin){ .kind = ORIGIN_ANY };
	else
		fault = read_tuple(text, GRAMMAR_WILDCARDS, out);
	return fault;
}

enum origin_fault origin_read_public(struct slice text, struct origin *out)
{
	struct origin origin;
	enum origin_fault fault = check_octets(text);

	if (fault == ORIGIN_FINE)
		fault = read_tuple(text, GRAMMAR_PLAIN, &origin);
	if (fault == ORIGIN_STAR ||
	    (fault == ORIGIN_FINE && !is_http(origin.scheme)))
		fault = ORIGIN_NOT_PUBLIC;
	if (fault == ORIGIN_FINE)
		*out = origin;
	return fault;
}

bool origin_read(struct slice value, struct origin *out)
{
	value = header_trim(value);
	if (value.len > PRESENTED_MAX || check_octets(value) != ORIGIN_FINE)
		return false;
	if (slice_is(value, "null")) {
		*out = (struct origin){ .kind = ORIGIN_OPAQUE };
		return true;
	}
	return read_tuple(value, GRAMMAR_PLAIN, out) == ORIGIN_FINE;
}

const char *origin_fault_text(enum origin_fault fault)
{
	assert(fault < ORIGIN_FAULTS);
	return fault_texts[fault];
}
