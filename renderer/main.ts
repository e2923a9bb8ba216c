import '@fontsource/jetbrains-mono/400.css';
import '@fontsource/jetbrains-mono/700.css';
import './shared/theme.css';
import './shared/print.css';
import { mount } from 'svelte';
import { z } from 'zod';
import App from './shell/App.svelte';

// zod's compiled validators need eval, which the content security policy forbids.
z.config({ jitless: true });

const target = document.getElementById('app');
if (target) mount(App, { target });
