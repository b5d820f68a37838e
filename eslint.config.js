import neostandard, { plugins, resolveIgnoresFromGitignore } from 'neostandard'

const WRAPPED = ['lib/**', 'scripts/**', 'bench/**', 'demo/**', 'test/**']
  .flatMap((folder) => [`${folder}/*.js`, `${folder}/*.ts`])
const STRING_IN_ONE_PIECE = '\'([^\'\\\\]|\\\\.){75,}\'|"[^"]{75,}"|`[^`]{75,}`'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      'no-empty': 'error'
    }
  },
  {
    files: WRAPPED,
    rules: {
      'max-len': ['error', {
        code: 120,
        ignoreUrls: true,
        ignoreRegExpLiterals: true,
        // A string of 75 characters and more, such as the title of a test, stands in one piece.
        ignorePattern: STRING_IN_ONE_PIECE
      }]
    }
  },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': plugins['typescript-eslint'].plugin },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-empty-object-type': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', {
        allowForKnownSafeCalls: [{ from: 'package', package: '@tapjs/test', name: 'test' }]
      }]
    }
  },
  {
    files: ['lib/**/*.ts', 'demo/**/*.ts'],
    rules: {
      '@typescript-eslint/no-misused-promises': 'error'
    }
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: false }],
      'max-lines-per-function': ['error', 40]
    }
  }
]
