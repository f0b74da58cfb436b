/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define DIGITS "0123456789"

static bool is_blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t';
}

static struct slice trim(struct slice text)
{
	while (text.len > 0 && is_blank(text.data[0]))
		(void)slice_take(&text, 1);
	while (text.len > 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* Cuts the last one off `value`; false: there is none left. */
static bool take_last(struct slice *value, struct slice *last)
{
	size_t at = value->len;

	if (!value->data)
		return false;
	while (at > 0 && value->data[at - 1] != ',')
		at--;
	*last = trim((struct slice){ value->data + at, value->len - at });
	if (at > 0)
		value->len = at - 1;
	else
		*value = (struct slice){ 0 };
	return true;
}

static bool read_as(int family, const char *text,
                    struct sockaddr_storage *address)
{
	struct sockaddr_storage read = { .ss_family = (sa_family_t)family };
	struct sockaddr_in *in = (void *)&read;
	struct sockaddr_in6 *in6 = (void *)&read;
	void *octets =
	    family == AF_INET ? (void *)&in->sin_addr : (void *)&in6->sin6_addr;

	if (inet_pton(family, text, octets) != 1)
		return false;
	*address = read;
	return true;
}

/* Nothing, or a port, which says nothing of who it is. */
static bool is_port(const char *text)
{
	return *text == '\0' ||
	       (*text == ':' && strspn(text + 1, DIGITS) == strlen(text + 1));
}

/* [IPV6] or [IPV6]:PORT; cuts `text`. */
static bool read_bracketed(char *text, struct sockaddr_storage *address)
{
	char *end = strchr(text, ']');

	if (!end || !is_port(end + 1))
		return false;
	*end = '\0';
	return read_as(AF_INET6, text + 1, address);
}

/* IPV4 or IPV4:PORT; cuts `text`. */
static bool read_plain(char *text, struct sockaddr_storage *address)
{
	char *end = text + strcspn(text, ":");

	if (!is_port(end))
		return false;
	*end = '\0';
	return read_as(AF_INET, text, address);
}

/* The forms in which proxies write it. */
static bool read_address(struct slice text, struct sockaddr_storage *address)
{
	char copy[INET6_ADDRSTRLEN + sizeof "[]:65535"] = { 0 };

	if (text.len == 0 || text.len >= sizeof copy ||
	    memchr(text.data, '\0', text.len))
		return false;
	memcpy(copy, text.data, text.len);
	if (read_as(AF_INET6, copy, address))
		return true;
	return copy[0] == '[' ? read_bracketed(copy, address)
	                      : read_plain(copy, address);
}

static bool is_trusted(const struct network *trusted, size_t count,
                       const struct sockaddr_storage *address)
{
	for (size_t i = 0; i < count; i++) {
		if (network_has(&trusted[i], address))
			return true;
	}
	return false;
}

bool forwarded_read(struct slice value, const struct network *trusted,
                    size_t count, struct sockaddr_storage *client)
{
	struct sockaddr_storage address;
	struct slice last;
	bool is_any = false;

	while (take_last(&value, &last)) {
		if (!read_address(last, &address))
			return false;
		is_any = true;
		if (!is_trusted(trusted, count, &address))
			break;
	}
	if (is_any)
		*client = address;
	return is_any;
}
