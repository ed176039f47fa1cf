/** The journal: sessions in files, behind {@link io.hawser.store.file.FileSessionStore}. */
@NullMarked
package io.hawser.store.file;

import org.jspecify.annotations.NullMarked;
