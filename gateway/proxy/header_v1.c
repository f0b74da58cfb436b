/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy/header_v1.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 107 /* CR LF included */
#define PORT_MOST 65535
#define ROOM_BYTES 128 /* above what is ever written */

/* Cuts the next word off `line`, which moves behind the blank; NULL: none. */
static char *next_word(char **line)
{
	char *word = *line;
	size_t len = strcspn(word, " ");

	if (len == 0)
		return NULL;
	*line = word[len] == ' ' ? word + len + 1 : word + len;
	word[len] = '\0';
	return word;
}

static bool read_port(const char *text, in_port_t *port)
{
	size_t len = strlen(text);

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len ||
	    (text[0] == '0' && len > 1))
		return false;

	unsigned long number = strtoul(text, NULL, 10);

	*port = htons((uint16_t)number);
	return number <= PORT_MOST;
}

static bool read_end(int family, const char *host, const char *port,
                     struct sockaddr_storage *end)
{
	struct sockaddr_in *in = (void *)end;
	struct sockaddr_in6 *in6 = (void *)end;
	void *octets =
	    family == AF_INET ? (void *)&in->sin_addr : (void *)&in6->sin6_addr;

	*end = (struct sockaddr_storage){ .ss_family = (sa_family_t)family };
	/* sin6_port stands where sin_port does. */
	return host && port && inet_pton(family, host, octets) == 1 &&
	       read_port(port, &in->sin_port);
}

/* Source, destination, and their ports; nothing else. */
static bool read_ends(int family, char *line, struct sockaddr_storage *source)
{
	struct sockaddr_storage destination;
	const char *hosts[2];
	const char *ports[2];

	hosts[0] = next_word(&line);
	hosts[1] = hosts[0] ? next_word(&line) : NULL;
	ports[0] = hosts[1] ? next_word(&line) : NULL;
	ports[1] = ports[0] ? line : NULL;
	return read_end(family, hosts[0], ports[0], source) &&
	       read_end(family, hosts[1], ports[1], &destination);
}

static bool read_line(char *line, struct sockaddr_storage *source)
{
	const char *family = next_word(&line);

	*source = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (!family)
		return false;
	if (strcmp(family, "UNKNOWN") == 0)
		return true; /* whatever follows */
	if (strcmp(family, "TCP4") == 0)
		return read_ends(AF_INET, line, source);
	return strcmp(family, "TCP6") == 0 && read_ends(AF_INET6, line, source);
}

enum proxy_header_seen proxy_header_v1_read(struct slice in,
                                            struct proxy_header *header)
{
	size_t start = strlen(PROXY_HEADER_V1_START);
	size_t most = in.len < LINE_BYTES ? in.len : LINE_BYTES;
	const uint8_t *feed = memchr(in.data, '\n', most);
	char line[LINE_BYTES] = { 0 };
	struct proxy_header read;

	if (!feed)
		return most < LINE_BYTES ? PROXY_HEADER_MORE
		                         : PROXY_HEADER_WRONG;
	read.len = (size_t)(feed - in.data) + 1;
	if (read.len < start + 2 || feed[-1] != '\r' ||
	    memchr(in.data, '\0', read.len))
		return PROXY_HEADER_WRONG;
	memcpy(line, in.data + start, read.len - start - 2);
	if (strchr(line, '\r') || !read_line(line, &read.source))
		return PROXY_HEADER_WRONG;
	*header = read;
	return PROXY_HEADER_WHOLE;
}

static void write_end(const struct sockaddr_storage *end, char *host,
                      unsigned *port)
{
	const struct sockaddr_in *in = (const void *)end;
	const struct sockaddr_in6 *in6 = (const void *)end;
	const void *octets = end->ss_family == AF_INET
	                         ? (const void *)&in->sin_addr
	                         : (const void *)&in6->sin6_addr;

	inet_ntop(end->ss_family, octets, host, INET6_ADDRSTRLEN);
	*port = ntohs(in->sin_port);
}

size_t proxy_header_v1_write(const struct sockaddr_storage *source,
                             const struct sockaddr_storage *destination,
                             uint8_t out[static PROXY_HEADER_BYTES_OURS])
{
	char hosts[2][INET6_ADDRSTRLEN];
	char line[ROOM_BYTES] = "PROXY UNKNOWN\r\n";
	unsigned ports[2];

	if (source) {
		write_end(source, hosts[0], &ports[0]);
		write_end(destination, hosts[1], &ports[1]);
		snprintf(line, sizeof line, "PROXY %s %s %s %u %u\r\n",
		         source->ss_family == AF_INET ? "TCP4" : "TCP6",
		         hosts[0], hosts[1], ports[0], ports[1]);
	}
	memcpy(out, line, strlen(line));
	return strlen(line);
}
