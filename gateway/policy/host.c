/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/host.h"

#include <stdlib.h>

#include "policy/ascii.h"

bool host_list_add(struct host_list *hosts, const struct authority_host *host)
{
	struct authority_host *grown =
	    realloc(hosts->list, (hosts->count + 1) * sizeof(*grown));

	if (!grown)
		return false;
	grown[hosts->count++] = *host;
	hosts->list = grown;
	return true;
}

void host_list_finish(struct host_list *hosts)
{
	free(hosts->list);
	*hosts = (struct host_list){ 0 };
}

/* [RFC 3986 3.2.3]: a port may be empty and of any length. */
static bool is_port(struct slice text)
{
	if (text.len > 0 && text.data[0] != ':')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (!ascii_is_digit(text.data[i]))
			return false;
	}
	return true;
}

static bool is_ours(const struct host_list *hosts,
                    const struct authority_host *host)
{
	if (hosts->count == 0)
		return host->kind != AUTHORITY_NAME ||
		       authority_is_loopback(host);
	for (size_t i = 0; i < hosts->count; i++) {
		if (authority_same_host(&hosts->list[i], host))
			return true;
	}
	return false;
}

enum close_reason host_check(const struct host_list *hosts,
                             const struct header *header)
{
	struct authority_host host;
	struct slice name, port;

	if (header->presence != HEADER_ONE)
		return CLOSE_BAD_REQUEST;
	authority_split(header_trim(header->value), &name, &port);
	if (!is_port(port))
		return CLOSE_BAD_REQUEST;
	switch (authority_read_host(name, &host)) {
	case AUTHORITY_FINE:
		return is_ours(hosts, &host) ? CLOSE_NONE : CLOSE_BAD_HOST;
	case AUTHORITY_EMPTY:
	case AUTHORITY_OCTET:
	case AUTHORITY_BAD_IPV6:
		return CLOSE_BAD_REQUEST;
	case AUTHORITY_EMPTY_LABEL:
	case AUTHORITY_TOO_LONG:
	case AUTHORITY_NUMBER:
		break; /* a reg-name all the same [RFC 3986 3.2.2] */
	}
	return CLOSE_BAD_HOST;
}
