/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a configuration: the file, then `conf.d`'s beside it.
 *
 * Every error is found in one go. What comes back may be incomplete when
 * `problems->errors` is not 0: every setting holds what was read or its
 * default, texts that are required may be NULL, lists may be empty. It is
 * good for further checks, never for serving.
 */
#pragma once

struct config;
struct problems;

/*
 * Reads `path`, then `conf.d/NAME.conf` in its directory by name (not names
 * with a leading dot), then the passwords (config/secret.h). NULL: one of the
 * configuration's files cannot be read or is not in the language.
 */
struct config *config_load(const char *path, struct problems *problems);

/* The same for one text, which problems call `name`; reads no password. */
struct config *config_load_text(const char *name, const char *text,
                                struct problems *problems);
