// Titles are written in every script. The editor would draw a box around a letter that looks like
// another, as if it were a trick.

import { useMonaco } from '@graphiql/react';
import { useEffect } from 'react';

export function usePlainUnicode() {
  const monaco = useMonaco((state) => state.monaco);
  useEffect(() => {
    if (!monaco) return undefined;
    monaco.editor.getEditors().forEach(drawNoBoxes);
    const listener = monaco.editor.onDidCreateEditor(drawNoBoxes);
    return () => listener.dispose();
  }, [monaco]);
}

function drawNoBoxes(editor) {
  editor.updateOptions({
    unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: false },
  });
}
