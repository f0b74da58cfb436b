/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passwords that the configuration names by their files.
 *
 * Read once, into the configuration; never printed, wiped before their memory
 * is given back. A file that others can read is no secret: it is refused.
 */
#pragma once

struct config;
struct problems;

/*
 * Reads the password_file of every upstream that names one, without one line
 * end behind the password. What is wrong with a file is an error of its
 * setting; the password then stays NULL.
 */
void secret_read(struct config *config, struct problems *problems);

/* Overwrites every password. */
void secret_wipe(struct config *config);
